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
  call void @llvm.codeview.annotation(metadata !0)
  %v10 = getelementptr float, ptr %xp, i64 0
  %v11 = load <4 x float>, ptr %v10, align 4
  %v12 = getelementptr float, ptr %wp, i64 0
  %v13 = load float, ptr %v12, align 4
  %v14 = insertelement <4 x float> poison, float %v13, i64 0
  %v15 = shufflevector <4 x float> %v14, <4 x float> poison, <4 x i32> zeroinitializer
  %v16 = getelementptr float, ptr %wp, i64 1
  %v17 = load float, ptr %v16, align 4
  %v18 = insertelement <4 x float> poison, float %v17, i64 0
  %v19 = shufflevector <4 x float> %v18, <4 x float> poison, <4 x i32> zeroinitializer
  %v20 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v11, <4 x float> %v15, <4 x float> %a0_0_0)
  %v21 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v11, <4 x float> %v19, <4 x float> %a1_0_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v22 = getelementptr float, ptr %xp, i64 3
  %v23 = load <4 x float>, ptr %v22, align 4
  %v24 = getelementptr float, ptr %wp, i64 2
  %v25 = load float, ptr %v24, align 4
  %v26 = insertelement <4 x float> poison, float %v25, i64 0
  %v27 = shufflevector <4 x float> %v26, <4 x float> poison, <4 x i32> zeroinitializer
  %v28 = getelementptr float, ptr %wp, i64 3
  %v29 = load float, ptr %v28, align 4
  %v30 = insertelement <4 x float> poison, float %v29, i64 0
  %v31 = shufflevector <4 x float> %v30, <4 x float> poison, <4 x i32> zeroinitializer
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v23, <4 x float> %v27, <4 x float> %v20)
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v23, <4 x float> %v31, <4 x float> %v21)
  %a0_0_0.next = bitcast <4 x float> %v32 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v33 to <4 x float>
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
  %v34 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v35 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v36 = mul i64 %y_channel, 0
  %v37 = getelementptr float, ptr %y, i64 %v36
  %v38 = mul i64 %y_channel, 1
  %v39 = getelementptr float, ptr %y, i64 %v38
  %v40 = icmp sle i64 %low, 0
  %v41 = icmp sge i64 %high, 4
  %v42 = and i1 %v40, %v41
  br i1 %v42, label %plain, label %masked
plain:
  %v43 = getelementptr float, ptr %v37, i64 0
  %v44 = load <4 x float>, ptr %v43, align 4
  %v45 = fadd <4 x float> %v34, %v44
  store <4 x float> %v45, ptr %v43, align 4
  %v46 = getelementptr float, ptr %v39, i64 0
  %v47 = load <4 x float>, ptr %v46, align 4
  %v48 = fadd <4 x float> %v35, %v47
  store <4 x float> %v48, ptr %v46, align 4
  br label %end
masked:
  %v49 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v50 = shufflevector <4 x i64> %v49, <4 x i64> poison, <4 x i32> zeroinitializer
  %v51 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v50
  %v52 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v53 = shufflevector <4 x i64> %v52, <4 x i64> poison, <4 x i32> zeroinitializer
  %v54 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v53
  %v55 = and <4 x i1> %v51, %v54
  %v56 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v57 = shufflevector <4 x i64> %v56, <4 x i64> poison, <4 x i32> zeroinitializer
  %v58 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v57
  %v59 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v60 = shufflevector <4 x i64> %v59, <4 x i64> poison, <4 x i32> zeroinitializer
  %v61 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v60
  %v62 = and <4 x i1> %v58, %v61
  %v63 = getelementptr float, ptr %v37, i64 0
  %v64 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v63, i32 4, <4 x i1> %v62, <4 x float> zeroinitializer)
  %v65 = fadd <4 x float> %v34, %v64
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v65, ptr %v63, i32 4, <4 x i1> %v62)
  %v66 = getelementptr float, ptr %v39, i64 0
  %v67 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v66, i32 4, <4 x i1> %v62, <4 x float> zeroinitializer)
  %v68 = fadd <4 x float> %v35, %v67
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v68, ptr %v66, i32 4, <4 x i1> %v62)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
