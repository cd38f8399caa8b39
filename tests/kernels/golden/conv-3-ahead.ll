define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <8 x float> poison, float %v2, i64 0
  %v4 = shufflevector <8 x float> %v3, <8 x float> poison, <8 x i32> zeroinitializer
  %v5 = sub i64 %rows, 1
  %v6 = mul i64 %row_step, %v5
  %v7 = add i64 %wrap_step, %v6
  %v8 = mul i64 %v7, 2
  br label %enter
enter:
  %v9 = icmp sgt i64 %pairs, 0
  br i1 %v9, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <8 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_0_1 = phi <8 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %v10 = getelementptr float, ptr %wp, i64 1024
  %v11 = getelementptr float, ptr %v10, i64 0
  call void @llvm.prefetch.p0(ptr %v11, i32 0, i32 3, i32 1)
  %v12 = getelementptr float, ptr %xp, i64 %v8
  %v13 = getelementptr float, ptr %v12, i64 0
  call void @llvm.prefetch.p0(ptr %v13, i32 0, i32 3, i32 1)
  %v14 = getelementptr float, ptr %v12, i64 16
  call void @llvm.prefetch.p0(ptr %v14, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v15 = getelementptr float, ptr %wp, i64 0
  %v16 = load float, ptr %v15, align 4
  %v17 = insertelement <8 x float> poison, float %v16, i64 0
  %v18 = shufflevector <8 x float> %v17, <8 x float> poison, <8 x i32> zeroinitializer
  %v19 = getelementptr float, ptr %xp, i64 0
  %v20 = load <8 x float>, ptr %v19, align 4
  %v21 = getelementptr float, ptr %xp, i64 8
  %v22 = load <8 x float>, ptr %v21, align 4
  %v23 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v20, <8 x float> %v18, <8 x float> %a0_0_0)
  %v24 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v22, <8 x float> %v18, <8 x float> %a0_0_1)
  call void @llvm.codeview.annotation(metadata !0)
  %v25 = getelementptr float, ptr %wp, i64 1
  %v26 = load float, ptr %v25, align 4
  %v27 = insertelement <8 x float> poison, float %v26, i64 0
  %v28 = shufflevector <8 x float> %v27, <8 x float> poison, <8 x i32> zeroinitializer
  %v29 = getelementptr float, ptr %xp, i64 1
  %v30 = load <8 x float>, ptr %v29, align 4
  %v31 = getelementptr float, ptr %xp, i64 9
  %v32 = load <8 x float>, ptr %v31, align 4
  %v33 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v30, <8 x float> %v28, <8 x float> %v23)
  %v34 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v32, <8 x float> %v28, <8 x float> %v24)
  call void @llvm.codeview.annotation(metadata !0)
  %v35 = getelementptr float, ptr %wp, i64 2
  %v36 = load float, ptr %v35, align 4
  %v37 = insertelement <8 x float> poison, float %v36, i64 0
  %v38 = shufflevector <8 x float> %v37, <8 x float> poison, <8 x i32> zeroinitializer
  %v39 = getelementptr float, ptr %xp, i64 2
  %v40 = load <8 x float>, ptr %v39, align 4
  %v41 = getelementptr float, ptr %xp, i64 10
  %v42 = load <8 x float>, ptr %v41, align 4
  %v43 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v40, <8 x float> %v38, <8 x float> %v33)
  %v44 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v42, <8 x float> %v38, <8 x float> %v34)
  %a0_0_0.next = bitcast <8 x float> %v43 to <8 x float>
  %a0_0_1.next = bitcast <8 x float> %v44 to <8 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 3
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v45 = phi <8 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v46 = phi <8 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %v47 = mul i64 %y_channel, 0
  %v48 = getelementptr float, ptr %y, i64 %v47
  %v49 = icmp sle i64 %low, 0
  %v50 = icmp sge i64 %high, 16
  %v51 = and i1 %v49, %v50
  br i1 %v51, label %plain, label %masked
plain:
  %v52 = getelementptr float, ptr %v48, i64 0
  store <8 x float> %v45, ptr %v52, align 4
  %v53 = getelementptr float, ptr %v48, i64 8
  store <8 x float> %v46, ptr %v53, align 4
  br label %end
masked:
  %v54 = insertelement <8 x i64> poison, i64 %low, i64 0
  %v55 = shufflevector <8 x i64> %v54, <8 x i64> poison, <8 x i32> zeroinitializer
  %v56 = icmp sge <8 x i64> <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>, %v55
  %v57 = insertelement <8 x i64> poison, i64 %high, i64 0
  %v58 = shufflevector <8 x i64> %v57, <8 x i64> poison, <8 x i32> zeroinitializer
  %v59 = icmp slt <8 x i64> <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>, %v58
  %v60 = and <8 x i1> %v56, %v59
  %v61 = insertelement <8 x i64> poison, i64 %low, i64 0
  %v62 = shufflevector <8 x i64> %v61, <8 x i64> poison, <8 x i32> zeroinitializer
  %v63 = icmp sge <8 x i64> <i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>, %v62
  %v64 = insertelement <8 x i64> poison, i64 %high, i64 0
  %v65 = shufflevector <8 x i64> %v64, <8 x i64> poison, <8 x i32> zeroinitializer
  %v66 = icmp slt <8 x i64> <i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>, %v65
  %v67 = and <8 x i1> %v63, %v66
  %v68 = getelementptr float, ptr %v48, i64 0
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v45, ptr %v68, i32 4, <8 x i1> %v60)
  %v69 = getelementptr float, ptr %v48, i64 8
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v46, ptr %v69, i32 4, <8 x i1> %v67)
  br label %end
end:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
