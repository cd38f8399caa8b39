define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v9 = icmp sgt i64 %pairs, 0
  br i1 %v9, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a1_0_0 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v10 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v10, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v11 = getelementptr float, ptr %xp, i64 0
  %v12 = load <4 x float>, ptr %v11, align 4
  %v13 = getelementptr float, ptr %wp, i64 0
  %v14 = load float, ptr %v13, align 4
  %v15 = insertelement <4 x float> poison, float %v14, i64 0
  %v16 = shufflevector <4 x float> %v15, <4 x float> poison, <4 x i32> zeroinitializer
  %v17 = getelementptr float, ptr %wp, i64 1
  %v18 = load float, ptr %v17, align 4
  %v19 = insertelement <4 x float> poison, float %v18, i64 0
  %v20 = shufflevector <4 x float> %v19, <4 x float> poison, <4 x i32> zeroinitializer
  %v21 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v12, <4 x float> %v16, <4 x float> %a0_0_0)
  %v22 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v12, <4 x float> %v20, <4 x float> %a1_0_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v23 = getelementptr float, ptr %xp, i64 3
  %v24 = load <4 x float>, ptr %v23, align 4
  %v25 = getelementptr float, ptr %wp, i64 2
  %v26 = load float, ptr %v25, align 4
  %v27 = insertelement <4 x float> poison, float %v26, i64 0
  %v28 = shufflevector <4 x float> %v27, <4 x float> poison, <4 x i32> zeroinitializer
  %v29 = getelementptr float, ptr %wp, i64 3
  %v30 = load float, ptr %v29, align 4
  %v31 = insertelement <4 x float> poison, float %v30, i64 0
  %v32 = shufflevector <4 x float> %v31, <4 x float> poison, <4 x i32> zeroinitializer
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v24, <4 x float> %v28, <4 x float> %v21)
  %v34 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v24, <4 x float> %v32, <4 x float> %v22)
  %a0_0_0.next = bitcast <4 x float> %v33 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v34 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 4
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v35 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v36 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v37 = mul i64 %y_channel, 0
  %v38 = getelementptr float, ptr %y, i64 %v37
  %v39 = mul i64 %y_channel, 1
  %v40 = getelementptr float, ptr %y, i64 %v39
  %v41 = icmp sle i64 %low, 0
  %v42 = icmp sge i64 %high, 4
  %v43 = and i1 %v41, %v42
  br i1 %v43, label %plain, label %masked
plain:
  %v44 = getelementptr float, ptr %v38, i64 0
  %v45 = load <4 x float>, ptr %v44, align 4
  %v46 = fadd <4 x float> %v35, %v45
  store <4 x float> %v46, ptr %v44, align 4
  %v47 = getelementptr float, ptr %v40, i64 0
  %v48 = load <4 x float>, ptr %v47, align 4
  %v49 = fadd <4 x float> %v36, %v48
  store <4 x float> %v49, ptr %v47, align 4
  br label %end
masked:
  %v50 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v51 = shufflevector <4 x i64> %v50, <4 x i64> poison, <4 x i32> zeroinitializer
  %v52 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v51
  %v53 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v54 = shufflevector <4 x i64> %v53, <4 x i64> poison, <4 x i32> zeroinitializer
  %v55 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v54
  %v56 = and <4 x i1> %v52, %v55
  %v57 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v58 = shufflevector <4 x i64> %v57, <4 x i64> poison, <4 x i32> zeroinitializer
  %v59 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v58
  %v60 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v61 = shufflevector <4 x i64> %v60, <4 x i64> poison, <4 x i32> zeroinitializer
  %v62 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v61
  %v63 = and <4 x i1> %v59, %v62
  %v64 = getelementptr float, ptr %v38, i64 0
  %v65 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v64, i32 4, <4 x i1> %v63, <4 x float> zeroinitializer)
  %v66 = fadd <4 x float> %v35, %v65
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v66, ptr %v64, i32 4, <4 x i1> %v63)
  %v67 = getelementptr float, ptr %v40, i64 0
  %v68 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v67, i32 4, <4 x i1> %v63, <4 x float> zeroinitializer)
  %v69 = fadd <4 x float> %v36, %v68
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v69, ptr %v67, i32 4, <4 x i1> %v63)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
